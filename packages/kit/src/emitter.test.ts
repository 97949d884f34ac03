import { describe, expect, it } from 'vitest';
import { Emitter } from './emitter.ts';

type Events = { opened: { id: number }; closed: string };

describe('Emitter', () => {
  it('hands each payload to the listeners of that name, in order of subscription', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('opened', ({ id }) => seen.push(`first ${id}`));
    emitter.on('opened', ({ id }) => seen.push(`second ${id}`));
    emitter.on('closed', (reason) => seen.push(reason));
    emitter.emit('opened', { id: 1 });
    emitter.emit('closed', 'bye');
    expect(seen).toEqual(['first 1', 'second 1', 'bye']);
  });

  it('stops a subscription, and stopping twice does nothing', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    const stop = emitter.on('closed', (reason) => seen.push(reason));
    stop();
    stop();
    emitter.emit('closed', 'unheard');
    expect(seen).toEqual([]);
  });

  it('counts the same function subscribed twice as two subscriptions', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    const listener = (reason: string) => void seen.push(reason);
    const stop = emitter.on('closed', listener);
    emitter.on('closed', listener);
    emitter.emit('closed', 'both');
    stop();
    stop();
    emitter.emit('closed', 'one');
    expect(seen).toEqual(['both', 'both', 'one']);
  });

  it('does not call a listener that subscribes during the emit', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('closed', () => {
      emitter.on('closed', (reason) => seen.push(reason));
    });
    emitter.emit('closed', 'first');
    expect(seen).toEqual([]);
    emitter.emit('closed', 'second');
    expect(seen).toEqual(['second']);
  });

  it('ends the emit when a listener throws', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('closed', () => {
      throw new Error('listener broke');
    });
    emitter.on('closed', (reason) => seen.push(reason));
    expect(() => emitter.emit('closed', 'x')).toThrow('listener broke');
    expect(seen).toEqual([]);
  });

  it('drops every subscription on clear', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('closed', (reason) => seen.push(reason));
    emitter.clear();
    emitter.emit('closed', 'unheard');
    expect(seen).toEqual([]);
  });
});
