/** What the link needs of a WebSocket. */
export type Socket = { send(text: string): void; close(): void };

/** What a socket tells; after `onClosed` it tells nothing more. */
export type SocketHandlers = {
  onOpened(): void;
  onMessage(data: unknown): void;
  onClosed(reason: string): void;
};

/** Opens a socket. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;

/** The browser's WebSocket. */
export const openWebSocket: OpenSocket = (url, handlers) => {
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
    send: (text) => socket.send(text),
    close() {
      closed = true;
      socket.close();
    },
  };
};
