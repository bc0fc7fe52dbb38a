/**
 * Signals that tell a process to stop. Without a listener, they end it at once, a worker even with a request on the way. A
 * terminal and the command that started the worker may both send one, an orchestrator may repeat it, and a terminal that is
 * closed sends the last.
 */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
