import { LongreachError } from '@longreach/kit';
import { AutoplayCode, NetworkErrorCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { linkDown, mqttClientNotFound, publishFailed, requestRefused } from '../errors.ts';
import { unplayableTracks } from '../session/unplayable-tracks.ts';
import { ManualPageClock, settle } from '../testing/manual-page-clock.ts';
import { createMqttOpener } from './mqtt-transport.ts';
import { type MqttStateChange, MqttWatch } from './mqtt-watch.ts';
import { SignalingLink } from './signaling-link.ts';

type Library = typeof import('@longreach/mqtt-link');
type Options = Parameters<Library['openMqttLink']>[0];
type Handlers = Parameters<Library['openMqttLink']>[1];

/** A link of the library as a test sees it. */
class FakeMqttLink {
  readonly options: Options;
  readonly handlers: Handlers;
  readonly sent: Array<{ id: number; verb?: string; event?: string }> = [];
  readonly bufferedBytes = 0;
  isClosed = false;

  constructor(options: Options, handlers: Handlers) {
    this.options = options;
    this.handlers = handlers;
  }

  send(text: string): boolean {
    this.sent.push(JSON.parse(text));
    return !this.isClosed;
  }

  close(): void {
    this.isClosed = true;
  }

  terminate(): void {
    this.isClosed = true;
  }

  /** Answers the newest request. */
  async reply(code: number, body?: object): Promise<void> {
    const re = this.sent.findLast(({ verb }) => verb !== undefined)?.id;
    await this.tell({ v: 1, re, code, message: '', body });
  }

  async tell(message: object): Promise<void> {
    this.handlers.onText(JSON.stringify(message));
    await settle();
  }

  async open(): Promise<void> {
    this.handlers.onOpened();
    await settle();
  }

  async fail(reason: string, refusal?: LongreachError): Promise<void> {
    this.handlers.onClosed(reason, refusal);
    await settle();
  }
}

const credentials = {
  role: 'remote' as const,
  deviceId: 'default/op' as never,
  secret: 's',
  version: '1',
  forceLogin: 0 as const,
};
const session = { resumeToken: 't', heartbeatMs: 200 };
const refusal = new LongreachError(NetworkErrorCode.InvalidUserSignature, 'refused');
const limited = new LongreachError(NetworkErrorCode.ServerOverload, 'limited', { retryable: true });

function setUp(given: { url?: string; library?: () => Promise<Library> } = {}) {
  const clock = new ManualPageClock();
  const links: FakeMqttLink[] = [];
  const changes: MqttStateChange[] = [];
  const library = {
    openMqttLink: (options: Options, handlers: Handlers) => {
      const opened = new FakeMqttLink(options, handlers);
      links.push(opened);
      return opened;
    },
  } as unknown as Library;
  let loads = 0;
  const watch = new MqttWatch((change) => changes.push(change));
  const openTransport = createMqttOpener({
    url: given.url,
    onOpened: () => watch.handle('opened'),
    onFailed: (message) => watch.handle('failed', message),
    load: () => {
      loads += 1;
      return given.library?.() ?? Promise.resolve(library);
    },
  });
  const url = 'wss://host/signaling';
  const link = new SignalingLink({ url, clock, random: () => 0.5, openTransport });
  link.on('stateChanged', ({ state, data }) => watch.handleSignaling(state, data));
  const states = () => changes.map(({ state }) => state);
  const at = (index: number) => links[index] as FakeMqttLink;
  /** Begins a login; what it comes to is `outcome`. */
  const begin = async () => {
    const outcome = link.login(credentials).then(
      () => undefined,
      (error: LongreachError) => error,
    );
    await settle();
    return { outcome };
  };
  const logIn = async () => {
    const { outcome } = await begin();
    await at(0).open();
    await at(0).reply(0, session);
    expect(await outcome).toBeUndefined();
  };
  return { clock, links, changes, states, watch, link, at, begin, logIn, loads: () => loads };
}

describe('a link over MQTT', () => {
  it('Q4 connects, and closes with the logout', async () => {
    const { states, link, logIn, at, clock } = setUp();
    await logIn();
    expect(states()).toEqual(['connecting', 'connected']);
    link.close();
    expect(states()).toEqual(['connecting', 'connected', 'closed']);
    expect(at(0).isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('Q4 a lost connection is replaced, over attempts that fail', async () => {
    const { changes, logIn, at, clock, link } = setUp();
    await logIn();
    await at(0).fail('reset');
    await clock.advance(100);
    await at(1).fail('no route');
    await clock.advance(200);
    await at(2).open();
    await at(2).reply(0, { ...session, rooms: [] });
    expect(changes.slice(2)).toEqual([
      { state: 'reconnecting', message: 'reset' },
      { state: 'error', message: 'no route' },
      { state: 'reconnecting' },
      { state: 'connected' },
    ]);
    expect(link.isUp).toBe(true);
    link.close();
  });

  it('Q4 a silent server counts as a loss', async () => {
    const { changes, logIn, clock, at, link } = setUp();
    await logIn();
    await clock.advance(2_300);
    expect(changes.at(-1)).toEqual({ state: 'reconnecting', message: 'the server is silent' });
    expect(at(0).isClosed).toBe(true);
    link.close();
  });

  it('Q4 a first attempt that fails, and a first login that is refused, end it', async () => {
    const failed = setUp();
    const { outcome } = await failed.begin();
    await failed.at(0).fail('no route');
    expect(await outcome).toMatchObject({ retryable: true });
    expect(failed.states()).toEqual(['connecting', 'error', 'closed']);

    const refused = setUp();
    const login = await refused.begin();
    await refused.at(0).open();
    await refused.at(0).reply(NetworkErrorCode.UserRepeatedJoin);
    expect(await login.outcome).toMatchObject({ code: NetworkErrorCode.UserRepeatedJoin });
    expect(refused.states()).toEqual(['connecting', 'connected', 'closed']);
    await refused.clock.advance(10_000);
    expect(refused.links).toHaveLength(1);
  });

  it('Q5 a refused secret ends it for good, a limit does not', async () => {
    const { states, logIn, at, clock, links, begin } = setUp();
    await logIn();
    await at(0).fail('reset');
    await clock.advance(100);
    await at(1).fail('refused', limited);
    expect(states().at(-1)).toBe('error');
    await clock.advance(200);
    await at(2).fail('refused', refusal);
    expect(states().slice(-2)).toEqual(['error', 'closed']);
    await clock.advance(10_000);
    expect(links).toHaveLength(3);

    const { outcome } = await begin();
    expect(states().at(-1)).toBe('connecting');
    await at(3).fail('refused', refusal);
    expect(await outcome).toMatchObject({ code: NetworkErrorCode.InvalidUserSignature });
  });

  it('Q7 the library comes with the login, and a login without it is rejected', async () => {
    const good = setUp();
    expect(good.loads()).toBe(0);
    await good.logIn();
    expect(good.loads()).toBe(1);
    good.link.close();

    const missing = setUp({ library: () => Promise.reject(new Error('404')) });
    const { outcome } = await missing.begin();
    expect(await outcome).toMatchObject({
      retryable: true,
      details: { reason: 'mqttClientNotFound' },
    });
    expect(missing.states()).toEqual(['connecting', 'error', 'closed']);
  });

  it('Q7 nothing is opened when the library comes after the end', async () => {
    let give: () => void = () => {};
    const late = setUp({
      library: () =>
        new Promise((resolve) => {
          give = () => resolve({ openMqttLink: () => expect.fail('opened') } as never);
        }),
    });
    await late.begin();
    late.link.close();
    give();
    await settle();
    expect(late.states()).toEqual(['connecting', 'closed']);
  });

  it('Q8 the broker is beside the signaling endpoint, or where it is said to be', async () => {
    const beside = setUp();
    await beside.begin();
    const { deviceId, secret } = credentials;
    expect(beside.at(0).options).toEqual({ url: 'wss://host/mqtt', deviceId, secret });
    const elsewhere = setUp({ url: 'wss://broker/mqtt' });
    await elsewhere.begin();
    expect(elsewhere.at(0).options.url).toBe('wss://broker/mqtt');
  });
});

describe('pictures and MQTT', () => {
  const unknownSession = requestRefused('offer', NetworkErrorCode.UserNotJoined, '');
  const noStream = requestRefused('subscribe', NetworkErrorCode.StreamNotFound, '');

  it.each([
    [[], linkDown(), AutoplayCode.MqttClientNotFound],
    [['attempted', 'ended'], linkDown(), AutoplayCode.MqttClientNotFound],
    [['attempted', 'failed'], mqttClientNotFound('404'), AutoplayCode.MqttClientNotFound],
    [['attempted'], undefined, AutoplayCode.MqttClientNotConnected],
    [['attempted', 'opened', 'lost'], undefined, AutoplayCode.MqttClientNotConnected],
    [['attempted', 'opened', 'lost', 'failed'], linkDown(), AutoplayCode.MqttClientNotConnected],
    [['attempted', 'opened'], linkDown(), AutoplayCode.MqttClientNotConnected],
    [['attempted', 'opened'], publishFailed('offer'), AutoplayCode.MqttPublishFailed],
    [['attempted', 'opened'], unknownSession, AutoplayCode.MqttSessionIdNotFound],
    [['attempted', 'opened'], noStream, undefined],
    [['attempted', 'opened'], new Error('no decoder'), undefined],
    [['attempted', 'opened'], undefined, undefined],
  ] as const)('Q6 after %j an error is told as it should be', (events, error, code) => {
    const watch = new MqttWatch(() => {});
    for (const event of events) watch.handle(event);
    const told = unplayableTracks(watch, { deviceId: 'default/rover', streams: [0, 2], error });
    expect(told.map(({ data }) => [data.streamId, data.code])).toEqual(
      code === undefined
        ? []
        : [
            [0, code],
            [2, code],
          ],
    );
    for (const { data } of told) {
      expect(data).toMatchObject({ srcUserId: 'default/rover', mediaType: 'video' });
      expect(data.message).not.toBe('');
    }
  });

  it('Q6 in private mode nothing is told', () => {
    expect(unplayableTracks(undefined, { deviceId: 'r', streams: [0], error: linkDown() })).toEqual(
      [],
    );
  });

  it('Q6 a request that the transport does not take is told apart', async () => {
    const { link, logIn, at, watch } = setUp();
    await logIn();
    at(0).isClosed = true;
    const error = await link.request('listGateways', {}).catch((failure: unknown) => failure);
    expect(watch.autoplayCodeOf(error)).toBe(AutoplayCode.MqttPublishFailed);
    link.close();
  });
});
