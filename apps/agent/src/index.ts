export { type AgentConfig, parseConfig } from './config/parse-config.ts';
export { type SimulatorConfigOptions, simulatorConfig } from './config/simulator-config.ts';
export { type AgentOptions, type RunningAgent, startAgent } from './supervisor/start-agent.ts';
