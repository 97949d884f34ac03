import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSdkPage } from '../support/build-sdk-page.ts';

/** The core SDK in a page of its own, compressed: at most this. */
const maxCoreBytes = 60 * 1024;
/** Only the MQTT client says this, in its log channels. */
const mqttMark = 'mqttjs';

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let scripts: Map<string, string>;

beforeAll(async () => {
  built = await buildSdkPage('mqtt-page');
  const folder = join(built.dir, 'assets');
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  scripts = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
});
afterAll(() => built?.remove());

/** Scripts that the page loads before anything is called: its own, and what these import statically. */
function coreScripts(): string[] {
  const html = readFileSync(join(built.dir, 'index.html'), 'utf8');
  const core = new Set([...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(nameOf));
  for (const name of core) {
    // `import{a}from"./x.js"` and `import"./x.js"`, but not `import("./x.js")`.
    const imports = scripts.get(name)?.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g) ?? [];
    for (const match of imports) core.add(nameOf(match));
  }
  return [...core];
}

function nameOf(match: RegExpMatchArray): string {
  return match[1] as string;
}

test('a page that could use MQTT does not load its client before it does', () => {
  const core = coreScripts();
  const withMqtt = [...scripts].filter(([, text]) => text.includes(mqttMark)).map(([name]) => name);
  expect(core.length).toBeGreaterThan(0);
  expect(withMqtt).toHaveLength(1);
  expect(core).not.toContain(withMqtt[0]);
});

test('the core SDK weighs at most 60 kB compressed', () => {
  const bytes = coreScripts().map((name) => gzipSync(scripts.get(name) as string).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(maxCoreBytes);
});
