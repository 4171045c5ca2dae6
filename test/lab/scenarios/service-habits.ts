/** Habits of services and balancers, and what a stranger meets first. Truths were written before the first run. */
import { hostPort, type Scenario, thisMachine } from '../scenario.ts';
import * as world from '../worlds.ts';

/** The mark that podman leaves in every container; /run is the scenario's own. */
const inContainer: Scenario = {
  name: 'nothing listens on loopback in a container (home, one router)',
  family: 'loopback-of-a-container',
  topology: world.home1,
  listen: [],
  clientShell: [': > /run/.containerenv'],
  fault: () => ({}),
  target: () => hostPort('127.0.0.1', 8080),
  // A program that was meant to be in here and stopped, and one that runs outside, look the same from in here.
  truth: () => ({
    outcome: 'unreachable',
    causes: ['container-localhost', 'port-closed'],
    where: [thisMachine],
    maxConfidence: 0.65,
  }),
};

const inContainerAndWell: Scenario = {
  name: 'well, on loopback in a container (home, one router)',
  family: 'loopback-of-a-container',
  topology: world.home1,
  listen: [],
  clientShell: [': > /run/.containerenv'],
  services: () => ({ client: ['exec /run/lab/node "$SERVICES/exam-speaker.js" 8080 "{}"'] }),
  waitFor: { client: [8080] },
  fault: () => ({}),
  target: () => hostPort('127.0.0.1', 8080),
  truth: () => ({ outcome: 'reachable', causes: [] }),
};

export default [inContainer, inContainerAndWell] satisfies Scenario[];
