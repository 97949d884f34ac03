import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rootFolder, runCommand } from './run-command.ts';

/** One breach of each kind, by file. */
const breaches: Record<string, string> = {
  'packages/kit/src/up.ts': "import '../../protocol/src/empty.ts';",
  'packages/protocol/src/empty.ts': 'export {};',
  'packages/control/src/file.ts': "import 'node:fs';",
  'packages/control/src/file.test.ts': "import 'node:fs';",
  'packages/rtp/src/app.ts': "import '../../../apps/server/src/empty.ts';",
  'packages/sdk/src/socket.ts': "import 'node:net';",
  'packages/netem/src/adapter.ts': "import '../../webrtc-node/src/empty.ts';",
  'packages/webrtc-node/src/empty.ts': 'export {};',
  'apps/server/src/empty.ts': 'export {};',
  'apps/server/src/other.ts': "import '../../agent/src/empty.ts';",
  'apps/agent/src/empty.ts': "import 'node:net';",
  'apps/cockpit/src/server.ts': "import '../../server/src/empty.ts';",
  'apps/agent/src/ring-a.ts': "import './ring-b.ts';",
  'apps/agent/src/ring-b.ts': "import './ring-a.ts';",
  'apps/agent/src/lost.ts': "import './nowhere.ts';",
  'apps/agent/src/tested.ts': "import './testing/rig.ts';",
  'apps/agent/src/testing/rig.ts': 'export {};',
  'apps/agent/src/rig.test.ts': "import './testing/rig.ts';",
};

const folder = mkdtempSync(join(tmpdir(), 'longreach-rules-'));
let report = '';

beforeAll(async () => {
  for (const [path, text] of Object.entries(breaches)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'tsconfig.json'), '{"compilerOptions":{"module":"nodenext"}}');
  const config = join(rootFolder, '.dependency-cruiser.cjs');
  const result = await runCommand('depcruise', ['--config', config, 'packages', 'apps'], {
    cwd: folder,
  });
  expect(result.ok).toBe(false);
  report = result.output;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  'arrows-of-packages-kit: packages/kit/src/up.ts',
  'no-node-in-pure-or-browser-code: packages/control/src/file.ts',
  'arrows-of-packages-rtp: packages/rtp/src/app.ts',
  'no-node-in-pure-or-browser-code: packages/sdk/src/socket.ts',
  'arrows-of-packages-netem: packages/netem/src/adapter.ts',
  'arrows-of-apps-server: apps/server/src/other.ts',
  'arrows-of-apps-cockpit: apps/cockpit/src/server.ts',
  'no-circular: apps/agent/src/ring-a.ts',
  'not-resolvable: apps/agent/src/lost.ts',
  'tests-are-imported-by-tests-only: apps/agent/src/tested.ts',
])('the dependency rules find %s', (breach) => {
  expect(report).toContain(breach);
});

it('the dependency rules leave tests and the edge alone', () => {
  expect(report).not.toContain('code: packages/control/src/file.test.ts');
  expect(report).not.toContain('apps/agent/src/empty.ts → net');
  expect(report).not.toContain('apps/agent/src/rig.test.ts');
});
