import { readTimeUs, writeTimeUs } from './encoded-frame.ts';

/** What the machine's actuators follow now; on the wire by its index. `standstill` = full brake, no drive. */
export const actuatorModes = ['drive', 'brake', 'standstill'] as const;
export type ActuatorMode = (typeof actuatorModes)[number];

/** State of the vehicle: where it is, how it moves, and what its actuators follow. */
export type VehicleState = {
  /** Machine clock, µs. */
  timeUs: number;
  /** Machine clock, µs: since when the actuators are in `mode`. */
  modeSinceUs: number;
  mode: ActuatorMode;
  xM: number;
  yM: number;
  /** Mathematical sense, 0 = along +x, rad. */
  headingRad: number;
  /** Along the heading, m/s; negative in reverse. */
  speedMps: number;
  /** −1 to 1, what the actuators do now. */
  steering: number;
  drive: number;
  brake: number;
};

const stateBytes = 64;

/** Payload of a local frame of type `vehicleState`. */
export function encodeVehicleState(state: VehicleState): Buffer {
  const bytes = Buffer.alloc(stateBytes);
  bytes[0] = actuatorModes.indexOf(state.mode);
  writeTimeUs(bytes, 4, state.timeUs);
  writeTimeUs(bytes, 12, state.modeSinceUs);
  bytes.writeDoubleBE(state.xM, 20);
  bytes.writeDoubleBE(state.yM, 28);
  bytes.writeFloatBE(state.headingRad, 36);
  bytes.writeFloatBE(state.speedMps, 40);
  bytes.writeFloatBE(state.steering, 44);
  bytes.writeFloatBE(state.drive, 48);
  bytes.writeFloatBE(state.brake, 52);
  return bytes;
}

/** Reads such a payload, or gives undefined for bytes that are none. */
export function decodeVehicleState(bytes: Buffer): VehicleState | undefined {
  const mode = actuatorModes[bytes[0] ?? 255];
  if (bytes.length !== stateBytes || mode === undefined) return undefined;
  return {
    mode,
    timeUs: readTimeUs(bytes, 4),
    modeSinceUs: readTimeUs(bytes, 12),
    xM: bytes.readDoubleBE(20),
    yM: bytes.readDoubleBE(28),
    headingRad: bytes.readFloatBE(36),
    speedMps: bytes.readFloatBE(40),
    steering: bytes.readFloatBE(44),
    drive: bytes.readFloatBE(48),
    brake: bytes.readFloatBE(52),
  };
}
