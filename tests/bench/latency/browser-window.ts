import { type BrowserContext, chromium } from 'playwright-core';
import { ensureChromium } from '../../../scripts/system-packages.ts';
import { chromiumFlags } from '../../support/browser.ts';
import type { VirtualScreen } from './virtual-screen.ts';

/** A real window over the whole screen; only the window that a profile starts with is one without a frame. */
export function launchWindow({ display, size }: VirtualScreen): Promise<BrowserContext> {
  return chromium.launchPersistentContext('', {
    executablePath: ensureChromium(),
    headless: false,
    // The viewport is the window: an emulated one would be scaled.
    viewport: null,
    env: { ...(process.env as Record<string, string>), DISPLAY: display },
    args: [
      ...chromiumFlags,
      '--kiosk',
      '--window-position=0,0',
      `--window-size=${size.width},${size.height}`,
      '--force-device-scale-factor=1',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}
