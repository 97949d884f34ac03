/** Which rooms a room may import. Arrows point downward only; adapters never import each other. */
const rooms = {
  'packages/kit': [],
  'packages/protocol': ['packages/kit'],
  'packages/control': ['packages/kit', 'packages/protocol'],
  'packages/rtp': ['packages/kit', 'packages/protocol'],
  'packages/telemetry': ['packages/kit', 'packages/protocol'],
  'packages/webrtc-node': ['packages/kit', 'packages/protocol', 'packages/rtp'],
  'packages/netem': ['packages/kit'],
  'packages/mqtt-link': ['packages/kit', 'packages/protocol'],
  'packages/sdk': [
    ...['packages/kit', 'packages/protocol', 'packages/rtp', 'packages/telemetry'],
    'packages/mqtt-link',
  ],
  'apps/server': [
    ...['packages/kit', 'packages/protocol', 'packages/control', 'packages/rtp'],
    ...['packages/telemetry', 'packages/webrtc-node'],
  ],
  'apps/agent': [
    ...['packages/kit', 'packages/protocol', 'packages/control', 'packages/rtp'],
    ...['packages/telemetry', 'packages/webrtc-node', 'packages/mqtt-link'],
  ],
  'apps/cockpit': ['packages/kit', 'packages/protocol', 'packages/sdk'],
};

const arrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `arrows-of-${room.replace('/', '-')}`,
  comment: `${room} may import ${allowed.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(packages|apps|tests|scripts|examples)/',
    pathNot: [room, ...allowed].map((path) => `^${path}/`),
  },
}));

const pure = '^packages/(kit|protocol|control|rtp|telemetry)/src/';
const browser = '^(packages/sdk|packages/mqtt-link|apps/cockpit)/src/';
/** Unit tests, and what only they use (folders called testing). */
const test = '([.]test[.]ts$|/testing/)';
/** npm packages that belong to one place. */
const owners = {
  'node-datachannel': '^packages/webrtc-node/',
  'node-av': '^apps/agent/',
  fastify: '^apps/server/',
  jose: '^apps/server/',
  'prom-client': '^apps/server/src/metrics/',
  lit: '^apps/cockpit/',
  aedes: '^apps/server/src/mqtt/',
  mqtt: ['^packages/mqtt-link/', test],
  'playwright-core': ['^tests/', test],
};

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-node-in-pure-or-browser-code',
      comment: 'cores decide purely; the SDK and the cockpit run in browsers',
      severity: 'error',
      from: { path: [pure, browser], pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-npm-in-pure-code',
      comment: 'zod is the only library of a pure room; no socket or codec library',
      severity: 'error',
      from: { path: pure, pathNot: test },
      to: { path: 'node_modules', pathNot: '/node_modules/zod/|^node_modules/zod/' },
    },
    {
      name: 'tests-are-imported-by-tests-only',
      severity: 'error',
      from: { pathNot: [test, '^tests/'] },
      to: { path: test },
    },
    ...Object.entries(owners).map(([library, owner]) => ({
      name: `owner-of-${library}`,
      severity: 'error',
      from: { pathNot: owner },
      to: { path: `node_modules/${library}/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
