import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from './config-file.ts';
import { parseServerConfig } from './server-config.ts';

const signingSecret = 'a secret that nobody may read in an error message';
const device = { deviceId: 'rover-1', role: 'field', keySha256: 'a'.repeat(64) };

describe('configuration', () => {
  it('has a default for everything but the signing secret, and is frozen through and through', () => {
    const config = parseServerConfig({ signingSecret });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config.media.workers).toBeGreaterThanOrEqual(1);
    expect(config.timings).toMatchObject({ suspectMs: 500, leftMs: 5_000 });
    expect(Object.isFrozen(config.media.iceServers)).toBe(true);
    expect(parseServerConfig(config)).toEqual(config);
    expect(() => parseServerConfig({})).toThrow('configuration: signingSecret: ');
  });

  it.each([
    [{ http: { prot: 1 } }, 'http.prot: unknown key'],
    [{ colour: 1 }, 'colour: unknown key'],
    [{ http: { port: '80' } }, 'http.port: '],
    [{ devices: [{ ...device, keySha256: 'x' }] }, 'devices.0.keySha256: must be 64 hex'],
    [{ devices: [{ ...device, deviceId: 'default/x' }] }, 'devices.0.deviceId: leaves the default'],
    [{ devices: [device, device] }, 'devices.1.deviceId: is listed twice'],
    [{ media: { firstPort: 65_535, workers: 2 } }, 'media.firstPort: leaves no room'],
    [{ timings: { leftMs: 100 } }, 'timings.leftMs: must be longer'],
    [{ metrics: {} }, 'metrics: needs one of token and tokenFile'],
    [{ metrics: { token: signingSecret } }, 'metrics.token: must be 32 to 1024 printable'],
    [{ metrics: { token: 'short' } }, 'metrics.token: must be 32 to 1024 printable'],
    [{ metrics: { token: 'x'.repeat(32), tokenFile: '/t' } }, 'metrics: needs one of'],
  ])('names the path of what is wrong, in one line and without values: %j', (input, message) => {
    const parse = () => parseServerConfig({ signingSecret, ...input });
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(signingSecret);
    expect(parse).not.toThrow('\n');
  });

  it('reads a file, and says in one line what is wrong with it without quoting it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'longreach-config-'));
    const path = join(dir, 'server.json');
    try {
      expect(() => readConfigFile(path)).toThrow(`cannot read ${path} (ENOENT)`);
      writeFileSync(path, `{"signingSecret": "${signingSecret}" oops`);
      expect(() => readConfigFile(path)).toThrow(`${path} is not JSON`);
      writeFileSync(path, JSON.stringify({ signingSecret, nodeId: 'n' }));
      expect(readConfigFile(path).nodeId).toBe('n');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
