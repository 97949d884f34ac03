/** A child process for tests: does what its first message says. */
import process from 'node:process';

process.once('message', ({ mode }: { mode: 'good' | 'stubborn' | 'broken' }) => {
  if (mode === 'broken') process.exit(3);
  if (mode === 'stubborn') {
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
  } else {
    process.on('disconnect', () => process.exit(0));
  }
  process.stdout.write(`${JSON.stringify({ level: 30, msg: 'hello', mode })}\nplain text\n`);
  process.send?.({ type: 'ready' });
});
