import type { OpenLinkTransport } from './link-transport.ts';

/** A link over the browser's WebSocket; who it is, the login says. */
export const openWebSocket: OpenLinkTransport = (url, handlers) => {
  const socket = new WebSocket(url);
  let closed = false;
  const closeOnce = (reason: string) => {
    if (closed) return;
    closed = true;
    handlers.onClosed(reason);
  };
  socket.onopen = () => handlers.onOpened();
  socket.onmessage = (event) => {
    if (!closed) handlers.onMessage(event.data);
  };
  socket.onclose = (event) => closeOnce(event.reason || `closed with ${event.code}`);
  socket.onerror = () => closeOnce('connection failed');
  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close() {
      closed = true;
      socket.close();
    },
  };
};
