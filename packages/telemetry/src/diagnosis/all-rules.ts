import type { Rule } from './rule.ts';
import { bufferCreep } from './rules/buffer-creep.ts';
import { bufferForJitter } from './rules/buffer-for-jitter.ts';
import { cameraSlow } from './rules/camera-slow.ts';
import { cameraStalled } from './rules/camera-stalled.ts';
import { clockStep } from './rules/clock-step.ts';
import { clockUncertain } from './rules/clock-uncertain.ts';
import { controlBlocked } from './rules/control-blocked.ts';
import { controlLate } from './rules/control-late.ts';
import { controlRefused } from './rules/control-refused.ts';
import { decoderSilent } from './rules/decoder-silent.ts';
import { decoderStarved } from './rules/decoder-starved.ts';
import { downlinkLoss } from './rules/downlink-loss.ts';
import { downlinkOutage } from './rules/downlink-outage.ts';
import { downlinkQueue } from './rules/downlink-queue.ts';
import { downlinkRate } from './rules/downlink-rate.ts';
import { encoderOverloaded } from './rules/encoder-overloaded.ts';
import { encoderSilent } from './rules/encoder-silent.ts';
import { frozen } from './rules/frozen.ts';
import { masterRate } from './rules/master-rate.ts';
import { notArmed } from './rules/not-armed.ts';
import { notMaster } from './rules/not-master.ts';
import { notPresented } from './rules/not-presented.ts';
import { pageBusy } from './rules/page-busy.ts';
import { pageHidden } from './rules/page-hidden.ts';
import { uplinkLoss } from './rules/uplink-loss.ts';
import { uplinkOutage } from './rules/uplink-outage.ts';
import { uplinkQueue } from './rules/uplink-queue.ts';
import { uplinkRate } from './rules/uplink-rate.ts';
import { workerHeld } from './rules/worker-held.ts';

/** All rules, along the life of a frame, then what pictures and commands share, then the life of a command. */
export const rules: readonly Rule[] = [
  cameraStalled,
  cameraSlow,
  encoderOverloaded,
  encoderSilent,
  uplinkOutage,
  uplinkLoss,
  uplinkRate,
  uplinkQueue,
  workerHeld,
  downlinkOutage,
  downlinkLoss,
  downlinkRate,
  masterRate,
  downlinkQueue,
  bufferCreep,
  bufferForJitter,
  decoderStarved,
  decoderSilent,
  pageHidden,
  pageBusy,
  notPresented,
  frozen,
  clockStep,
  clockUncertain,
  notMaster,
  notArmed,
  controlBlocked,
  controlLate,
  controlRefused,
];
