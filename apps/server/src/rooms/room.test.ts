import type { DeviceId, Lease, Slot } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { Room } from './room.ts';
import type { RoomOutput } from './room-output.ts';

const machine = 'rover-1' as DeviceId;
const ann = 'ann' as DeviceId;
const bob = 'bob' as DeviceId;
const token = '0123456789abcdef';
const slots: Slot[] = [{ mid: '0', streamId: 0, mediaType: 'video' }];
const demand = { streamId: 0, mediaType: 'video', active: true } as const;

function createRoom(): Room {
  const room = new Room(machine, { absentMasterUs: 5_000_000 });
  room.handleMachineLogin([]);
  return room;
}

function granted(masterId: DeviceId, epoch = 1): Lease {
  return { epoch, masterId, reason: 'granted', token };
}

function asks(outputs: RoomOutput[]) {
  return outputs.flatMap((output) =>
    output.type === 'ask' ? [{ verb: output.verb, ...output.body }] : [],
  );
}

function notices(outputs: RoomOutput[]) {
  return outputs.flatMap((output) =>
    output.type === 'notify' ? [`${output.event} to ${output.to}`] : [],
  );
}

describe('room', () => {
  it('tells the worker of a lease before anybody who might use it', () => {
    const room = createRoom();
    room.handleJoin(ann);
    room.handleJoin(bob);
    const outputs = room.handleLease(granted(ann));
    expect(outputs[0]).toEqual({
      type: 'worker',
      message: { type: 'lease', roomId: machine, lease: granted(ann) },
    });
    expect(notices(outputs)).toEqual(['leaseChanged to ann', 'leaseChanged to bob']);
    expect(room.leaseFor(ann).token).toBe(token);
    expect(room.leaseFor(bob)).not.toHaveProperty('token');
    expect(room.handleLease(granted(ann))).toEqual([]);
  });

  it('takes any epoch from a machine whose software is new, and only newer ones after', () => {
    const room = createRoom();
    room.handleLease(granted(ann, 9));
    expect(room.handleLease(granted(bob, 3))).toEqual([]);
    room.handleMachineLogin([]);
    expect(room.handleLease(granted(bob, 3))).not.toEqual([]);
    expect(room.isMaster(bob)).toBe(true);
  });

  it('repeats a leaving to the machine until it is confirmed', () => {
    const room = createRoom();
    room.handleJoin(ann);
    room.handleMachineLeft();
    expect(asks(room.handleLeave(ann))).toEqual([]);
    expect(room.isIdle).toBe(false);
    expect(asks(room.handleMachineLogin([]))).toEqual([{ verb: 'remoteLeft', remoteId: ann }]);
    room.handleLeftConfirmed(ann);
    expect(asks(room.handleMachineResume())).toEqual([]);
  });

  it('does not repeat it when the machine has granted the lease to the same device since', () => {
    const room = createRoom();
    room.handleJoin(ann);
    room.handleLeave(ann);
    room.handleJoin(ann);
    room.handleLease(granted(ann));
    expect(asks(room.handleMachineResume())).toEqual([]);
  });

  it('reports a master that is not here as gone after 5 s, as after a restart of the server', () => {
    const room = createRoom();
    room.handleLease(granted(ann));
    expect(room.handleTick(1_000_000)).toEqual([]);
    expect(room.handleTick(5_999_999)).toEqual([]);
    expect(asks(room.handleTick(6_000_000))).toEqual([{ verb: 'remoteLeft', remoteId: ann }]);
    room.handleJoin(ann);
    expect(room.handleTick(60_000_000)).toEqual([]);
  });

  it('asks a resumed machine for every demand, a new one only for the active ones', () => {
    const room = createRoom();
    expect(asks(room.handleDemand(demand))).toEqual([{ verb: 'invite', ...demand }]);
    room.handleDemand({ ...demand, streamId: 1, active: false });
    expect(asks(room.handleMachineResume())).toHaveLength(2);
    expect(asks(room.handleMachineLogin([]))).toEqual([{ verb: 'invite', ...demand }]);
  });

  it('the loss of the worker is told once for each connection, and stops every encoder', () => {
    const room = createRoom();
    room.handleJoin(ann);
    room.handleConnectionOpened(machine, 'media', slots);
    room.handleConnectionOpened(ann, 'c1', slots);
    room.handleDemand(demand);
    const outputs = room.handleWorkerLost();
    expect(notices(outputs)).toEqual(['connectionLost to rover-1', 'connectionLost to ann']);
    expect(asks(outputs)).toEqual([{ verb: 'invite', ...demand, active: false }]);
    expect(room.publishes(demand)).toBe(false);
    expect(room.handleWorkerLost()).toEqual([]);
  });

  it('a closed connection of the machine is not taken for the one that replaced it under the same id', () => {
    const room = createRoom();
    room.handleConnectionOpened(machine, 'media', slots);
    room.handleConnectionOpened(machine, 'media', slots);
    expect(room.handleConnectionEnded(machine, 'media', 'closed')).toEqual([]);
    expect(room.publishes(demand)).toBe(true);
    expect(notices(room.handleConnectionEnded(machine, 'media', 'failed'))).toEqual([
      'connectionLost to rover-1',
    ]);
    expect(room.publishes(demand)).toBe(false);
  });

  it('who leaves is closed at the worker, reported to the machine, and no longer counted', () => {
    const room = createRoom();
    room.handleJoin(ann);
    room.handleConnectionOpened(ann, 'c1', slots);
    const outputs = room.handleLeave(ann);
    expect(outputs).toContainEqual({
      type: 'worker',
      message: { type: 'closePeer', roomId: machine, peerId: ann },
    });
    expect(asks(outputs)).toEqual([{ verb: 'remoteLeft', remoteId: ann }]);
    expect(notices(outputs)).toEqual(['audience to rover-1']);
    expect(room.hasConnection(ann, 'c1')).toBe(false);
    expect(room.handleLeave(ann)).toEqual([]);
  });
});
