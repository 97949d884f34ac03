import { LongreachClient } from '@longreach/sdk';
import './cockpit.ts';

// The page's own server is the signaling server; the operator takes control by hand.
const url = new URL('/signaling', location.href);
url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';

const cockpit = document.querySelector('longreach-cockpit');
if (cockpit) cockpit.client = new LongreachClient({ url: url.href });
