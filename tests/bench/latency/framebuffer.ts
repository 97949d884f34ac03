import { closeSync, openSync, readSync } from 'node:fs';

/** Where pixels lie in the file of an X server's framebuffer (`Xvfb -fbdir`): an XWD file, version 7. */
export type FramebufferLayout = {
  width: number;
  height: number;
  bytesPerPixel: number;
  bytesPerLine: number;
  /** Of the first pixel, bytes. */
  offset: number;
};

/** An open framebuffer file. */
export type Framebuffer = {
  layout: FramebufferLayout;
  /** Copies one line of pixels as it is now into `line`. */
  readLine(y: number, line: Uint8Array): void;
  close(): void;
};

const headerBytes = 100;
const colorBytes = 12;
const xwdVersion = 7;

/** Opens a framebuffer file. Throws when it is none. */
export function openFramebuffer(path: string): Framebuffer {
  const file = openSync(path, 'r');
  try {
    const layout = readLayout(file);
    return {
      layout,
      readLine(y, line) {
        readSync(file, line, 0, line.length, layout.offset + y * layout.bytesPerLine);
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function readLayout(file: number): FramebufferLayout {
  const header = Buffer.alloc(headerBytes);
  const bytes = readSync(file, header, 0, headerBytes, 0);
  // The header is big-endian on every machine (X11/XWDFile.h).
  const field = (index: number) => header.readUInt32BE(4 * index);
  if (bytes < headerBytes || field(1) !== xwdVersion)
    throw new Error('this is no framebuffer file');
  const bitsPerPixel = field(11);
  return {
    width: field(4),
    height: field(5),
    bytesPerPixel: bitsPerPixel / 8,
    bytesPerLine: field(12),
    offset: field(0) + field(19) * colorBytes,
  };
}
