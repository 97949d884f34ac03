import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackage } from '../../scripts/system-packages.ts';
import { BidiSession } from './bidi-session.ts';

/** A headless Firefox with one page. */
export type Firefox = { readonly page: BidiSession; close(): Promise<void> };

/** Nothing that reaches for the outside, pictures that may start by themselves, and candidates with addresses. */
const preferences = {
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'media.autoplay.block-webaudio': false,
  'media.autoplay.default': 0,
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

/** How long a browser may take to come up, ms. */
const startTimeoutMs = 60_000;

/** Starts the system's Firefox ESR in a fresh profile. Installs the package when this process may. */
export async function launchFirefox(): Promise<Firefox> {
  const program = ensurePackage('firefox-esr', 'firefox-esr');
  const profile = await mkdtemp(join(tmpdir(), 'longreach-firefox-'));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, 'user.js'), `${lines.join('\n')}\n`);
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const child = spawn(program, [...args, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
  });
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill()) {
      await once(child, 'exit');
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const page = await BidiSession.open(await endpointOf(child));
    return {
      page,
      close: async () => {
        page.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The endpoint that Firefox prints when it listens. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`no endpoint: ${said}`)), startTimeoutMs);
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    child.on('error', (error) => settle(() => reject(error)));
    child.on('exit', () => settle(() => reject(new Error(`Firefox ended: ${said}`))));
    child.stderr?.on('data', (chunk) => {
      said += chunk;
      const url = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (url !== undefined) settle(() => resolve(url));
    });
  });
}
