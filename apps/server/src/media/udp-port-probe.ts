import { createSocket } from 'node:dgram';
import { startErrorOfListen } from '../start-error.ts';

/**
 * Throws `StartError` when a UDP port cannot be bound. A worker binds its port only with its first
 * connection: without this probe a taken port would show hours later.
 */
export async function assertUdpPort(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw startErrorOfListen(error, `${address}:${port} (UDP, media)`);
  } finally {
    socket.close();
  }
}
