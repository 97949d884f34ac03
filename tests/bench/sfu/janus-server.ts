import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Janus of Debian's package, with one RTP mountpoint per publisher. */
export type JanusServer = {
  pid: number;
  address: string;
  webSocketPort: number;
  firstRtpPort: number;
  close(): Promise<void>;
};

const webSocketPort = 48_418;
const firstRtpPort = 48_500;

/** Starts it on one CPU and waits until it listens; throws when it does not within ten seconds. */
export async function startJanus(
  program: string,
  address: string,
  publishers: number,
  cpu: number,
): Promise<JanusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'longreach-janus-'));
  await writeConfiguration(folder, address, publishers);
  const child = spawn('taskset', ['-c', `${cpu}`, program, '-F', folder, '-d', '2'], {
    stdio: 'ignore',
  });
  await waitForPort(address, webSocketPort, child);
  return {
    pid: child.pid as number,
    address,
    webSocketPort,
    firstRtpPort,
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeConfiguration(
  folder: string,
  address: string,
  publishers: number,
): Promise<void> {
  await writeFile(
    join(folder, 'janus.jcfg'),
    `general: { log_to_stdout = false; interface = "${address}" }
media: { rtp_port_range = "49000-49999" }
nat: { ice_enforce_list = "${address}"; full_trickle = false }
plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so" }
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`,
  );
  await writeFile(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: { json = "compact"; ws = true; ws_port = ${webSocketPort}; ws_ip = "${address}"; wss = false }
admin: { admin_ws = false }
`,
  );
  const mountpoints = Array.from(
    { length: publishers },
    (_, p) => `bench${p}: {
  type = "rtp"
  id = ${p + 1}
  media = ( { type = "video"; mid = "v"; label = "v"; port = ${firstRtpPort + 2 * p}; pt = 102; codec = "h264"; fmtp = "packetization-mode=1;profile-level-id=42e01f" } )
}
`,
  );
  await writeFile(join(folder, 'janus.plugin.streaming.jcfg'), mountpoints.join(''));
}

async function waitForPort(address: string, port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    if (await accepts(address, port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error('janus did not start listening');
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
