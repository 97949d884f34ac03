import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StreamEncoding } from './encoding-rate.ts';
import { VirtualLink, type VirtualLinkOptions } from './testing/virtual-link.ts';
import { LinkModel } from '../../../../packages/netem/src/link-model.ts';
import { profileOf } from '../../../../packages/netem/src/index.ts';
import { VirtualUplink } from './testing/virtual-uplink.ts';

const front: StreamEncoding = {
  streamId: 0,
  width: 1280,
  height: 720,
  fps: 30,
  bitrateBps: 2_500_000,
  minBitrateBps: 300_000,
  isAdaptive: true,
};
let uplink: VirtualUplink | undefined;

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: [
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'hrtime',
        'Date',
        'performance',
      ],
    }),
);
afterEach(() => {
  uplink?.close();
  uplink = undefined;
  vi.useRealTimers();
});

const scenarios: Record<
  string,
  {
    forth: Partial<VirtualLinkOptions>;
    back?: Partial<VirtualLinkOptions>;
    streams?: StreamEncoding[];
  }
> = {
  ...Object.fromEntries(['clean','loss10','loss30','loss50','burst','rate1m','step','jitter','outage','far','trace-4g','trace-5g'].map((n) => ['n-' + n, { forth: {}, ...(n === 'rate1m' ? { streams: [{ ...front, width: 1920, height: 1080 }] } : {}) }])),
  clean: { forth: {} },
  fast20: { forth: { rateBpsAt: () => 20e6 } },
  loss10: { forth: { lossShare: 0.1 }, back: { lossShare: 0.1 } },
  loss30: { forth: { lossShare: 0.3 }, back: { lossShare: 0.3 } },
  loss50: { forth: { lossShare: 0.5 }, back: { lossShare: 0.5 } },
  burst: {
    forth: { lossShare: 0.05, burstPackets: 5 },
    back: { lossShare: 0.05, burstPackets: 5 },
  },
  rate1m: { forth: { rateBpsAt: () => 1e6 }, streams: [{ ...front, width: 1920, height: 1080 }] },
  step: {
    forth: { rateBpsAt: (us) => (Math.floor(us / 15e6) % 2 ? 0.8e6 : 4e6), queueUs: 250_000 },
  },
  outage: {
    forth: { isOutAt: (us) => us % 10e6 > 9.6e6 },
    back: { isOutAt: (us) => us % 10e6 > 9.6e6 },
  },
  far: { forth: { lossShare: 0.05, delayUs: 60_000 }, back: { lossShare: 0.05, delayUs: 60_000 } },
  four1m5: {
    forth: { rateBpsAt: () => 2.0e6 },
    streams: [0, 1, 2, 3].map((streamId) => ({
      ...front,
      streamId,
      ...(streamId ? { width: 640, height: 360, bitrateBps: 800_000 } : {}),
    })),
  },
};
const seconds = Number(process.env.SECONDS_ ?? 20);

test.each(
  Object.keys(scenarios).filter(
    (n) => !process.env.ONLY || process.env.ONLY.split(',').includes(n),
  ),
)(
  '%s',
  (name) => {
    const { forth, back = {}, streams = [front] } = scenarios[name]!;
    const link = new VirtualLink({ delayUs: 7_500, seed: Number(process.env.SEED ?? 1), ...forth });
    class Netem { bytes = 0; #m: LinkModel; constructor(settings: any) { this.#m = new LinkModel(settings, 0); } handlePacket(bytes: number, nowUs: number) { const f = this.#m.handlePacket(bytes, nowUs); return f.kind === 'dropped' ? undefined : f.dueUs[0]; } }
  const netem = name.startsWith('n-') ? profileOf(name.slice(2) as never, { seed: Number(process.env.SEED ?? 1) }) : undefined;
  uplink = new VirtualUplink(
      streams,
      (netem ? new Netem(netem.toTarget) : link) as any,
      (netem ? new Netem(netem.toFlow) : new VirtualLink({ delayUs: 7_500, seed: Number(process.env.SEED ?? 1) + 100, ...back })) as any,
    );
    let last = { ...uplink.path.uplink.bytes };
    const n: number[] = streams.map(() => 0);
    for (let s = 1; s <= seconds; s++) {
      for (let ms = 0; ms < 1000; ms += 50) {
        vi.advanceTimersByTime(50);
        if (process.env.FROM && s > Number(process.env.FROM) && s <= Number(process.env.TO)) {
          const st = uplink.path.state();
          const by = uplink.path.uplink.bytes;
          console.log(
            '  ',
            (s - 1 + ms / 1000 + 0.05).toFixed(2),
            'shown',
            uplink.shown(0).length,
            'sent m/p/r',
            by.media,
            by.parity,
            by.repeat,
            'T',
            Math.round((st?.targetBps ?? 0) / 1000),
            'q',
            ((st?.queueDelayUs ?? 0) / 1000).toFixed(0),
            'bl',
            ((st?.backlogUs ?? 0) / 1000).toFixed(0),
            'loss',
            st?.lossShare.toFixed(2),
            st?.isStarved ? 'STARVED' : '',
            JSON.stringify(uplink.orders.at(-1)),
          );
        }
      }
      const b = uplink.path.uplink.bytes;
      const p = uplink.path.state();
      const k = (x: keyof typeof b) => Math.round(((b[x] - last[x]) * 8) / 1000);
      const o = uplink.orders.at(-1);
      if (process.env.VERBOSE)
        console.log(
          name,
          s,
          'fps',
          streams
            .map((st, i) => {
              const c = uplink!.shown(st.streamId).length;
              const d = c - n[i]!;
              n[i] = c;
              return d;
            })
            .join(','),
          'media',
          k('media'),
          'par',
          k('parity'),
          'rep',
          k('repeat'),
          'probe',
          k('probe'),
          '| target',
          Math.round((p?.targetBps ?? 0) / 1000),
          'loss',
          p?.lossShare.toFixed(2),
          'q',
          ((p?.queueDelayUs ?? 0) / 1000).toFixed(0),
          'backlog',
          ((p?.backlogUs ?? 0) / 1000).toFixed(0),
          JSON.stringify(o),
        );
      last = { ...b };
    }
    for (const { streamId } of streams) {
      const shown = uplink.shown(streamId);
      let lag = 0;
      let worst = 0;
      for (let i = 1; i < shown.length; i++) {
        const gap = (shown[i]!.atUs - shown[i - 1]!.atUs) / 1000;
        if (gap > 150) {
          lag += gap;
          if (process.env.VERBOSE)
            console.log('gap', gap.toFixed(0), 'at', (shown[i]!.atUs / 1e6).toFixed(2));
        }
        worst = Math.max(worst, gap);
      }
      const lat = shown.map((f) => (f.atUs - f.captureTimeUs) / 1000).sort((a, b) => a - b);
      const q = (x: number) => lat[Math.floor(x * (lat.length - 1))]?.toFixed(0);
      const b = uplink.path.uplink.bytes;
      console.log(
        `${name} stream ${streamId}: fps ${(shown.length / seconds).toFixed(1)} lag150 ${(lag / seconds / 10).toFixed(3)} worst ${worst.toFixed(0)} lat ${q(0.5)} ${q(0.95)} ${q(0.99)} ${q(1)} media ${Math.round((b.media * 8) / seconds / 1000)}k overhead ${(((b.parity + b.repeat + b.probe) / b.media) * 100).toFixed(0)}% target ${uplink.path.state()?.targetBps} notices ${JSON.stringify(uplink.notices)}`,
      );
    }
    expect(true).toBe(true);
  },
  120_000,
);
