/**
 * Completes package-lock.json after `npm install`. A registry that holds only this platform's binaries makes npm
 * leave the other platforms' optional packages out of the lock file, and `npm ci` then refuses it. Each missing one
 * gets an entry with its version and platform: here it is skipped, elsewhere it is fetched.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type LockedPackage = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];
/** Packages whose names do not tell their platform. */
const knownSystems: Record<string, string[]> = { fsevents: ['darwin'] };

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };
const missing = new Map<string, LockedPackage>();
for (const locked of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(locked.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (!lock.packages[place]) missing.set(place, stubOf(name, range, locked.dev === true));
  }
}
const packages = { ...lock.packages, ...Object.fromEntries(missing) };
const [root, ...places] = Object.keys(packages).sort();
lock.packages = Object.fromEntries(
  [root ?? '', ...places].map((place) => [place, packages[place] ?? {}]),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${missing.size} packages of other platforms added`);

function stubOf(name: string, range: string, dev: boolean): LockedPackage {
  const words = name
    .split(/[-/@]/)
    .map((word) => (word === 'armv7' || word === 'armv6' ? 'arm' : word));
  const os = knownSystems[name] ?? systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined;
  // What names no platform at all must not be installed anywhere by accident.
  const unknown = os.length === 0 && cpu.length === 0;
  return {
    version: range.replace(/^[^\d]*/, ''),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(libc ? { libc } : {}),
    optional: true,
    ...(os.length > 0 || unknown ? { os: unknown ? ['none'] : os } : {}),
  };
}
