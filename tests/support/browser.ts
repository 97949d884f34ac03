import { type Browser, chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/system-packages.ts';

/** How Chromium runs here: without anything that reaches for the outside. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

/** The system's Chromium, headless, with a fresh profile; a microphone that beeps stands in for a real one. */
export function launchChromium(extraFlags: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: ensureChromium(),
    // Playwright's own headless flag would choose the old mode.
    headless: false,
    args: [
      '--headless=new',
      ...chromiumFlags,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...extraFlags,
    ],
  });
}
