import '../cockpit.ts';
import { FakeClient } from './fake-client.ts';

/** The cockpit with the fake client: `?streams=8&fps=10`. Test-only. */
const query = new URLSearchParams(location.search);
const streams = Number(query.get('streams') ?? 4);
const fps = Number(query.get('fps') ?? 30);
const cockpit = document.createElement('longreach-cockpit');
cockpit.codeExchange = async () => ({ deviceId: 'op-1', secret: 'test' });
cockpit.client = new FakeClient(streams, fps);
document.body.append(cockpit);
