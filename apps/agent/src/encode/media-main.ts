/**
 * The media process: inputs, drawing, encoders. Options as in `media-options.ts`, by the parent's first message or
 * as JSON in the first argument. A process of its own because a native codec may crash; it ends when the parent's
 * channel closes.
 */
import './thread-pool.ts';
import process from 'node:process';
import { AV_LOG_FATAL } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { machineClock } from '../local/machine-clock.ts';
import { onProcessEnd } from '../local/process-end.ts';
import { readProcessOptions } from '../local/process-options.ts';
import { raisePriority } from '../local/process-priority.ts';
import { mediaOptionsSchema } from './media-options.ts';
import { MediaProcess } from './media-process.ts';

// Before the codecs start their threads.
raisePriority('media');
// The codecs' own words go to standard error and are not ours to show.
Log.setLevel(AV_LOG_FATAL);
const options = mediaOptionsSchema.parse(await readProcessOptions());
const media = await MediaProcess.start(options, machineClock);
process.send?.({ type: 'ready' });

onProcessEnd(() => {
  media.close();
  process.exit(0);
});
