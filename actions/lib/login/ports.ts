/** The real clock, timer, network and log. Only an Action's entry file imports this. */
import { openEarly, sendWithAxios } from '../http/send.ts';
import type { ActionPorts } from './run-action.ts';

export const ports: ActionPorts = {
  send: sendWithAxios,
  openEarly,
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
  log: (line) => console.log(line),
};
