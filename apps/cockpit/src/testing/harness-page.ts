import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const origin = 'http://localhost/';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** A Chromium with the cockpit and its fake client; test-only. Nothing listens: pages are answered from the files. */
export type Harness = {
  open(options?: {
    hash?: string;
    width?: number;
    height?: number;
    streams?: number;
  }): Promise<Page>;
  close(): Promise<void>;
};

/** Builds the harness into a temporary folder and starts a Chromium. */
export async function openHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'longreach-cockpit-'));
  const [browser] = await Promise.all([launch(), buildHarness(folder)]);
  return {
    open: (options = {}) => openPage(browser, folder, options),
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

async function buildHarness(outDir: string): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      target: 'es2022',
      rolldownOptions: { input: join(root, 'testing/harness.html') },
    },
  });
}

async function openPage(
  browser: Browser,
  folder: string,
  options: { hash?: string; width?: number; height?: number; streams?: number },
): Promise<Page> {
  const { hash = '#code=abc', width = 1280, height = 800, streams = 4 } = options;
  const page = await browser.newPage({ viewport: { width, height } });
  await page.route(`${origin}**`, async (route) => {
    const path = new URL(route.request().url()).pathname;
    const body = await readFile(join(folder, path));
    await route.fulfill({ body, contentType: types[extname(path)] ?? 'application/octet-stream' });
  });
  await page.goto(`${origin}testing/harness.html?streams=${streams}&fps=8${hash}`);
  return page;
}
