import { Lane } from './lane.js';

/** Lanes for tries that run at the same time; a lane whose try broke is not used again. */
export class Lanes {
  readonly #free: Lane[] = [];

  async use<Result>(work: (lane: Lane) => Promise<Result>): Promise<Result> {
    const lane = this.#free.pop() ?? (await Lane.open());
    let isWhole = false;
    try {
      const result = await work(lane);
      isWhole = true;
      return result;
    } finally {
      if (isWhole) this.#free.push(lane);
      else await lane.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.map((lane) => lane.close()));
  }
}
