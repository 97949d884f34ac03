import { requestSchemas } from '@longreach/protocol';
import { parseBody } from '../envelope.ts';
import {
  handleEmergencyStop,
  handlePermission,
  handleSetEncodeParameters,
  handleSetMainStream,
} from './control.ts';
import { handleCustomData } from './custom-data.ts';
import { handleListGateways, handleSchedule } from './fleet.ts';
import type { Handler, HandlerContext, SessionVerb } from './handler.ts';
import { handleCloseConnection, handleOffer, handleSubscribe, handleUnsubscribe } from './media.ts';
import { handleJoin, handleLeave } from './membership.ts';

/** Verbs whose reply is followed by closing the link. */
type TableVerb = Exclude<SessionVerb, 'logout'>;

const handlers: { [Verb in TableVerb]: Handler<Verb> } = {
  listGateways: handleListGateways,
  schedule: handleSchedule,
  join: handleJoin,
  leave: handleLeave,
  offer: handleOffer,
  closeConnection: handleCloseConnection,
  subscribe: handleSubscribe,
  unsubscribe: handleUnsubscribe,
  permission: handlePermission,
  emergencyStop: handleEmergencyStop,
  setEncodeParameters: handleSetEncodeParameters,
  setMainStream: handleSetMainStream,
  customData: handleCustomData,
};

/** Whether a verb is one of the table's. */
export function isTableVerb(verb: string): verb is TableVerb {
  return Object.hasOwn(handlers, verb);
}

/** Reads the body by the verb's schema and carries the verb out; gives the reply's body. */
export async function handleVerb(
  context: HandlerContext,
  verb: TableVerb,
  body: unknown,
): Promise<unknown> {
  // The table pairs each verb with its own body; the compiler cannot follow that through an index.
  const handler = handlers[verb] as (context: HandlerContext, body: unknown) => unknown;
  return handler(context, parseBody(requestSchemas[verb], body));
}
