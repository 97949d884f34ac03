/**
 * Records getStats of a browser's own receiver: `node tests/getstats/record-main.ts chromium H264`. The page sends a
 * picture and a tone to itself over an emulated link that loses 10 % (seeded) and takes 20 ms there and back. Writes
 * packages/telemetry/src/testing/getstats/<browser>.json; the expected figures beside it are computed by hand from
 * docs/5-explain/metrics.md and have to be computed anew after a new recording.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createRelay } from '@longreach/netem';
import { rootFolder } from '../../scripts/run-command.ts';
import { launchChromium } from '../support/browser.ts';
import { launchFirefox } from '../support/firefox.ts';
import type { LoopbackRecording } from './loopback-recording.ts';

type Tab = {
  goto(url: string): Promise<unknown>;
  evaluate<Value>(expression: string): Promise<Value>;
};

const link = { delayMs: 10, loss: { kind: 'uniform', share: 0.1 }, seed: 7 } as const;
const beforeMs = 2000;
const periodMs = 2000;

const [, , browser = 'chromium', codec = 'H264'] = process.argv;
const recording = await withTab(browser, (tab) => record(tab, `video/${codec}`));
const path = `packages/telemetry/src/testing/getstats/${browser}.json`;
writeFileSync(rootFolder + path, `${JSON.stringify(recording, null, 2)}\n`);
console.log(`${path}: ${recording.userAgent}, ${recording.presentedMs.length} pictures`);

async function withTab<Result>(name: string, work: (tab: Tab) => Promise<Result>): Promise<Result> {
  if (name === 'firefox') {
    const firefox = await launchFirefox();
    return work(firefox.page).finally(() => firefox.close());
  }
  const chromium = await launchChromium(['--autoplay-policy=no-user-gesture-required']);
  const page = await chromium.newPage({ permissions: ['microphone'] });
  return work({
    goto: (url) => page.goto(url),
    evaluate: (expression) => page.evaluate(expression),
  }).finally(() => chromium.close());
}

async function record(tab: Tab, mime: string): Promise<LoopbackRecording> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? pageScript() : '<!doctype html><script type=module src=/page.js></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await recordOver(tab, mime);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function recordOver(tab: Tab, mime: string): Promise<LoopbackRecording> {
  const to = await tab.evaluate<{ address: string; port: number }>(
    `loopback.prepare(${JSON.stringify(mime)})`,
  );
  const { address } = to;
  const relay = await createRelay({
    listen: { address },
    to,
    profile: { toTarget: { delayMs: link.delayMs }, toFlow: link },
  });
  try {
    await tab.evaluate(`loopback.connect(${JSON.stringify({ address, port: relay.port })})`);
    return await tab.evaluate(`loopback.record(${beforeMs}, ${periodMs})`);
  } finally {
    await relay.close();
  }
}

function pageScript(): string {
  return stripTypeScriptTypes(readFileSync(new URL('./loopback-page.ts', import.meta.url), 'utf8'));
}
