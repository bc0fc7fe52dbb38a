import { msToTs } from '@temporalio/common/lib/time.js';
import type { WorkflowInternalsInterceptor } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { interceptors } from '../../src/workflows/untimely-activation.js';

type Activation = Parameters<
  NonNullable<WorkflowInternalsInterceptor['activate']>
>[0]['activation'];

describe('an activation', () => {
  it('runs when its workflow task has started', () => {
    const { ran, activate } = run();
    activate(task(3, 100));
    activate(task(12, 117));
    expect(ran()).toBe(2);
  });

  it('fails when it hands over events of a workflow task that has yet to start', () => {
    const { ran, activate } = run();
    activate(task(3, 100));
    expect(() => {
      activate(task(11, 100));
    }).toThrow('ask again');
    expect(ran()).toBe(1);
  });

  it('runs when it is another one of the same workflow task', () => {
    const { ran, activate } = run();
    activate(task(3, 100));
    activate(task(3, 100));
    expect(ran()).toBe(2);
  });

  it('runs when it is the second batch of jobs', () => {
    const { ran, activate } = run();
    activate(task(3, 100));
    activate(task(12, 117), 0);
    activate(task(12, 117), 1);
    expect(ran()).toBe(3);
  });

  it('runs when it only asks, whatever events it has seen', () => {
    const { ran, activate } = run();
    activate(task(3, 100));
    activate({ ...task(11, 100), jobs: [{ queryWorkflow: {} }] });
    activate(task(12, 117));
    expect(ran()).toBe(3);
  });

  it('always runs in a replay, so that nothing recorded is ever refused', () => {
    const { ran, activate } = run();
    activate({ ...task(3, 100), isReplaying: true });
    activate({ ...task(12, 100), isReplaying: true });
    expect(ran()).toBe(2);
  });
});

function run(): {
  readonly ran: () => number;
  readonly activate: (activation: Activation, batchIndex?: number) => void;
} {
  const [guard] = interceptors().internals ?? [];
  let count = 0;
  return {
    ran: () => count,
    activate: (activation, batchIndex = 0) => {
      guard?.activate?.({ activation, batchIndex }, () => (count += 1));
    },
  };
}

function task(historyLength: number, startedAtS: number): Activation {
  return {
    historyLength,
    timestamp: msToTs(startedAtS * 1_000),
    isReplaying: false,
    jobs: [{ fireTimer: { seq: 1 } }],
  };
}
