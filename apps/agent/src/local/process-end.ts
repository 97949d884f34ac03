import process from 'node:process';

/** Calls `end`, perhaps more than once, when the parent's channel closes, on SIGTERM, and on Ctrl-C without a parent. */
export function onProcessEnd(end: () => void): void {
  process.on('disconnect', end);
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {
    // Under a supervisor the terminal's Ctrl-C is the supervisor's affair: it closes the channel.
    if (!process.connected) end();
  });
}
