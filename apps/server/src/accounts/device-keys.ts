import { createHash, timingSafeEqual } from 'node:crypto';
import type { DeviceConfig } from '../config/server-config.ts';

/** SHA-256 of a device key, hexadecimal. Enough for random keys of 128 bits or more; not for passwords of people. */
export function hashDeviceKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** The configured devices, and whether a key is that of one of them. */
export class DeviceKeys {
  readonly #devices = new Map<string, DeviceConfig>();
  readonly #noDigest = Buffer.alloc(32);

  constructor(devices: readonly DeviceConfig[]) {
    for (const device of devices) this.#devices.set(device.deviceId, device);
  }

  /** Whether `key` belongs to this device in this role. Takes equal time for an unknown device. */
  verify(role: DeviceConfig['role'], deviceId: string, key: string): boolean {
    const device = this.#devices.get(deviceId);
    const expected = device ? Buffer.from(device.keySha256, 'hex') : this.#noDigest;
    const isEqual = timingSafeEqual(createHash('sha256').update(key, 'utf8').digest(), expected);
    return isEqual && device?.role === role;
  }

  /** What is configured of a device. */
  find(deviceId: string): DeviceConfig | undefined {
    return this.#devices.get(deviceId);
  }

  /** Every configured field device. */
  fieldDevices(): DeviceConfig[] {
    return [...this.#devices.values()].filter((device) => device.role === 'field');
  }
}
