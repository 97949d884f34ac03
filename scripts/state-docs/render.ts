import { connectionStates } from '../../packages/sdk/src/states/connection-states.ts';
import { roomStates } from '../../packages/sdk/src/states/room-states.ts';
import { linkStates, roomSignalingStates } from '../../packages/sdk/src/states/signaling-states.ts';
import type { StateTable } from '../../packages/sdk/src/states/state-track.ts';

type Section = { title: string; text: string; table: StateTable<string> };

const sections: Section[] = [
  {
    title: 'Peer connection (`ConnectionState`, and `closed`)',
    text: '`onPeerConnectionState`. With `sdkMode` `server` one for each machine, with `server2` one for each track.',
    table: connectionStates,
  },
  { title: 'Room (`RoomState`)', text: '`onRoomState`, for each machine.', table: roomStates },
  {
    title: 'Signaling: the link (`SignalingState`)',
    text: '`onSignalingState` with an empty room id.',
    table: linkStates,
  },
  {
    title: 'Signaling: a room (`SignalingState`)',
    text: '`onSignalingState` with the room id, which is the device id of the machine.',
    table: roomSignalingStates,
  },
];

/** The page docs/4-reference/states.md. */
export function renderStateDocs(): string {
  return [
    '# States',
    'Written by `node scripts/generate-state-docs.ts` from `packages/sdk/src/states`; a test compares.',
    ...sections.flatMap(({ title, text, table }) => [`## ${title}`, text, renderTable(table)]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function renderTable(table: StateTable<string>): string {
  const rows = Object.entries(table).flatMap(([from, ways]) => {
    const steps = Object.entries(ways);
    if (steps.length === 0) return [[`\`${from}\``, '–', 'it ends here']];
    return steps.map(([to, cause]) => [`\`${from}\``, `\`${to}\``, `${cause}`]);
  });
  return alignedTable([['from', 'to', 'when'], ...rows]);
}

/** Columns as wide as their widest cell, as the formatter wants them. */
function alignedTable(rows: readonly string[][]): string {
  const [header = []] = rows;
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | '),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join(' | ');
  const [first, ...rest] = lines;
  return [first, rule, ...rest].map((line) => `| ${line} |`).join('\n');
}
