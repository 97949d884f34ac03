/** What is told of one metric; docs/2-operate/metrics.md has a row for each. */
export type MetricDescription = {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
};

/** Every metric of the server, by name. Units are seconds and bytes; labels have bounded sets of values. */
export const metricCatalogue = {
  longreach_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'node_version', 'node_id'],
  },
  longreach_server_start_time_seconds: {
    type: 'gauge',
    help: 'When the control process started, Unix time.',
    labels: [],
  },
  longreach_server_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of the control process.',
    labels: [],
  },
  longreach_server_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of the control process.',
    labels: [],
  },
  longreach_server_event_loop_delay_seconds: {
    type: 'histogram',
    help: 'How late the control process came to what was due.',
    labels: [],
  },
  longreach_sessions: {
    type: 'gauge',
    help: 'Signaling sessions, also those whose link is being replaced.',
    labels: ['role'],
  },
  longreach_sessions_opened_total: {
    type: 'counter',
    help: 'Logins that opened a session.',
    labels: ['role'],
  },
  longreach_sessions_resumed_total: {
    type: 'counter',
    help: 'Sessions continued on a new link.',
    labels: ['role'],
  },
  longreach_sessions_ended_total: {
    type: 'counter',
    help: 'Sessions that ended, by why.',
    labels: ['reason'],
  },
  longreach_logins_failed_total: {
    type: 'counter',
    help: 'Wrong secrets, by what was shown.',
    labels: ['kind'],
  },
  longreach_rooms: { type: 'gauge', help: 'Open rooms.', labels: [] },
  longreach_machines: {
    type: 'gauge',
    help: 'Configured field devices, by whether they are there.',
    labels: ['state'],
  },
  longreach_viewers: {
    type: 'gauge',
    help: 'Remote devices in a room, the master among them.',
    labels: ['room'],
  },
  longreach_masters: { type: 'gauge', help: 'Rooms whose lease somebody holds.', labels: [] },
  longreach_tracks: { type: 'gauge', help: 'Tracks that machines publish now.', labels: ['room'] },
  longreach_viewer_connections: {
    type: 'gauge',
    help: 'Open peer connections of viewers.',
    labels: ['room'],
  },
  longreach_packets_in_total: {
    type: 'counter',
    help: 'RTP packets that came from machines: media, repeats and parity.',
    labels: ['room'],
  },
  longreach_packets_out_total: {
    type: 'counter',
    help: 'RTP packets handed out to viewers for the first time.',
    labels: ['room'],
  },
  longreach_packets_repeated_total: {
    type: 'counter',
    help: 'RTP packets sent again because a viewer asked for them.',
    labels: ['room'],
  },
  longreach_forward_delay_seconds: {
    type: 'histogram',
    help: 'From the arrival of a packet of a machine to its handing out to one viewer; a sample of one in eight.',
    labels: [],
  },
  longreach_uplink_packets_lost_total: {
    type: 'counter',
    help: 'Packets of machines that did not come at first.',
    labels: ['room'],
  },
  longreach_uplink_packets_recovered_total: {
    type: 'counter',
    help: 'Packets of machines made from parity.',
    labels: ['room'],
  },
  longreach_uplink_packets_requested_total: {
    type: 'counter',
    help: 'Requests to machines to send a packet again.',
    labels: ['room'],
  },
  longreach_uplink_packets_given_up_total: {
    type: 'counter',
    help: 'Packets of machines that came neither by parity nor again.',
    labels: ['room'],
  },
  longreach_uplink_packets_duplicate_total: {
    type: 'counter',
    help: 'Packets of machines that came more than once.',
    labels: ['room'],
  },
  longreach_uplink_bytes_total: {
    type: 'counter',
    help: 'Bytes of RTP that came from machines, by what they came for.',
    labels: ['room', 'purpose'],
  },
  longreach_downlink_bytes_total: {
    type: 'counter',
    help: 'Bytes of RTP sent to viewers, by what they were sent for.',
    labels: ['room', 'purpose'],
  },
  longreach_downlink_loss_ratio: {
    type: 'gauge',
    help: 'Raw loss of the worst viewer of a room, 0 to 1.',
    labels: ['room'],
  },
  longreach_downlink_round_trip_seconds: {
    type: 'gauge',
    help: 'Round trip of the worst viewer of a room.',
    labels: ['room'],
  },
  longreach_downlink_queue_delay_seconds: {
    type: 'gauge',
    help: 'What packets wait on the way to the worst viewer of a room.',
    labels: ['room'],
  },
  longreach_commands_passed_total: {
    type: 'counter',
    help: 'Commands that went on to a machine.',
    labels: ['room'],
  },
  longreach_commands_refused_total: {
    type: 'counter',
    help: 'Commands that a media worker stopped, by why.',
    labels: ['code'],
  },
  longreach_workers: { type: 'gauge', help: 'Media workers that are up.', labels: [] },
  longreach_worker_restarts_total: {
    type: 'counter',
    help: 'Media workers that ended by themselves and were replaced.',
    labels: [],
  },
  longreach_worker_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of a media worker, all its threads.',
    labels: ['worker'],
  },
  longreach_worker_event_loop_delay_seconds: {
    type: 'histogram',
    help: 'How late a media worker came to what was due.',
    labels: ['worker'],
  },
} as const satisfies Record<string, MetricDescription>;

/** Name of a metric. */
export type MetricName = keyof typeof metricCatalogue;
