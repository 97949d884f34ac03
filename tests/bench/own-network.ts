import { spawnSync } from 'node:child_process';

/** Address of the one interface of a network of our own; nothing outside can be reached from there. */
export const ownNetworkAddress = '10.77.0.1';

const marker = 'LONGREACH_OWN_NETWORK';

/**
 * Runs this program again in a fresh network namespace with one interface, and ends with its exit code; returns at
 * once when it already runs there. For peers that do not talk over the loopback interface. Needs root.
 */
export function enterOwnNetwork(): void {
  if (process.env[marker] === '1') return;
  const setUp = [
    'ip link set lo up',
    'ip link add bench0 type veth peer name bench1',
    `ip address add ${ownNetworkAddress}/24 dev bench0`,
    'ip link set bench0 up',
    'ip link set bench1 up',
    'exec "$@"',
  ].join(' && ');
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const result = spawnSync('unshare', ['--net', 'sh', '-c', setUp, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: '1' },
  });
  process.exit(result.status ?? 1);
}
