import { type DriveCommand, limits, type OpaqueCommand } from '@longreach/protocol';

/** What the actuators shall do. */
export type ReleasedOrderMode = 'drive' | 'brake' | 'standstill' | 'opaque';

/** One order of the guard to the actuators; the machine's local frame `released` carries it. */
export type ReleasedOrder = {
  mode: ReleasedOrderMode;
  /** Sequence of the operator's command behind it; 0 for the guard's own orders. */
  sequence: number;
  /** Epoch of the lease when it was ordered. */
  epoch: number;
  /** Machine clock, µs. */
  releasedTimeUs: number;
  /** Machine clock, µs: after it the actuator goes to standstill by itself. */
  validUntilUs: number;
  /** Capture time echoed by the operator, machine clock, µs; 0 for the guard's own orders. */
  captureTimeUs: number;
  /** Operator's clock when the input was sampled, ms; diagnosis only. */
  inputTimeMs: number;
  buttons: number;
  /** −1 to 1: 0 steering, 1 drive (negative is reverse), 2 brake (0 to 1); at least these three. */
  axes: number[];
  /** Bytes of an opaque command; empty otherwise. */
  payload: Uint8Array;
};

/** What only the guard adds to an order. */
export type OrderFrame = { epoch: number; nowUs: number; validUntilUs: number };

const namedAxes = 3;
const noPayload = new Uint8Array(0);

/** An order to follow the operator's set-points. */
export function driveOrder(command: DriveCommand, frame: OrderFrame): ReleasedOrder {
  return { ...fromCommand('drive', command, frame), axes: machineAxes(command.axes) };
}

/** An order to brake: no drive, `brake` 0 to 1. With the command that steers meanwhile, when there is one. */
export function brakeOrder(
  steering: number,
  brake: number,
  frame: OrderFrame,
  command?: DriveCommand,
): ReleasedOrder {
  const order = command ? fromCommand('brake', command, frame) : ownOrder('brake', frame);
  return { ...order, buttons: 0, axes: [steering, 0, brake] };
}

/** An order for full brake and no drive. */
export function standstillOrder(steering: number, frame: OrderFrame): ReleasedOrder {
  return { ...ownOrder('standstill', frame), axes: [steering, 0, 1] };
}

/** An order that hands an application's bytes on. */
export function opaqueOrder(command: OpaqueCommand, frame: OrderFrame): ReleasedOrder {
  return { ...fromCommand('opaque', command, frame), payload: command.payload };
}

/** Whether these set-points are numbers that an order may carry. */
export function areAxesValid(axes: readonly number[]): boolean {
  return axes.length <= limits.axesPerCommand && axes.every((axis) => axis >= -1 && axis <= 1);
}

/** Set-points as an actuator may use them: the three named axes always there, the brake never negative. */
export function machineAxes(axes: readonly number[]): number[] {
  const out = [...axes];
  while (out.length < namedAxes) out.push(0);
  out[2] = Math.max(0, out[2] ?? 0);
  return out;
}

function ownOrder(mode: ReleasedOrderMode, frame: OrderFrame): ReleasedOrder {
  return {
    mode,
    sequence: 0,
    epoch: frame.epoch,
    releasedTimeUs: frame.nowUs,
    validUntilUs: frame.validUntilUs,
    captureTimeUs: 0,
    inputTimeMs: 0,
    buttons: 0,
    axes: [],
    payload: noPayload,
  };
}

function fromCommand(
  mode: ReleasedOrderMode,
  command: DriveCommand | OpaqueCommand,
  frame: OrderFrame,
): ReleasedOrder {
  const order = ownOrder(mode, frame);
  order.sequence = command.sequence;
  order.captureTimeUs = command.captureTimeUs;
  order.inputTimeMs = command.inputTimeMs;
  order.buttons = command.kind === 'drive' ? command.buttons : 0;
  return order;
}
