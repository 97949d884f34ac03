export {
  MessageLink,
  type MessageLinkOptions,
  type MessageWay,
  maxMessagePacketBytes,
  maxReliableBytes,
} from './message-link.ts';
