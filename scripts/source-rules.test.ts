import { describe, expect, it } from 'vitest';
import { checkSource } from './source-rules.ts';

const pureFile = 'packages/control/src/guard.ts';

describe('source rules', () => {
  it.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const now = Date();',
    'const now = performance.now();',
    'const { now } = performance;',
    'setTimeout(stop, 5);',
    'globalThis.setInterval(stop, 5);',
    'const start = setTimeout;',
    'const clock = { setTimeout };',
    'const id = Math.random();',
    'crypto.getRandomValues(bytes);',
    "const home = process.env['HOME'];",
    'console.log(1);',
  ])('refuse in a pure room: %s', (text) => {
    expect(checkSource(pureFile, text)).toHaveLength(1);
    expect(checkSource('apps/agent/src/control/guard-main.ts', text)).toEqual([]);
    expect(checkSource('packages/control/src/guard.test.ts', text)).toEqual([]);
  });

  it.each([
    'const time = new Date(nowMs);',
    'const half = Math.floor(x / 2);',
    'const state = { process: 1, performance: 2 };',
    'state.process(); timer.setTimeout(5);',
    'function run(options: { process: number }) {}',
    'type Options = { crypto: string };',
    '// Date.now() is not asked here',
    "const text = 'Math.random()';",
  ])('allow in a pure room: %s', (text) => {
    expect(checkSource(pureFile, text)).toEqual([]);
  });

  it('say file and line', () => {
    expect(checkSource(pureFile, '\n\nDate.now();')).toEqual([
      `${pureFile}:3: a pure room uses Date.now`,
    ]);
  });

  it('refuse Node globals in code that browsers run', () => {
    expect(checkSource('packages/sdk/src/player.ts', 'Buffer.alloc(3);')).toHaveLength(1);
    expect(checkSource('packages/sdk/src/player.ts', 'performance.now();')).toEqual([]);
    expect(checkSource('packages/netem/src/relay.ts', 'Buffer.alloc(3);')).toEqual([]);
  });

  it('refuse files that are too long or named after nothing', () => {
    expect(checkSource('apps/server/src/rooms/room.ts', '\n'.repeat(350))).toEqual([]);
    expect(checkSource('apps/server/src/rooms/room.ts', '\n'.repeat(351))).toHaveLength(1);
    expect(checkSource('apps/server/src/utils.ts', '')).toHaveLength(1);
    expect(checkSource('apps/server/src/common-parts.ts', '')).toHaveLength(1);
  });
});
