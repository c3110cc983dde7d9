// English words of what the lattice wants to start on this desktop, and what the person permits.

import { plural } from './plural-en.js'

export const permits = {
  ask: {
    label: 'A provider asks to be started',
    title: {
      process: 'Run a program on this machine?',
      'http-server': 'Serve HTTP here?',
      messaging: 'Carry messages here?',
    },
    intro: (id: string) => `Somebody on the lattice asks this desktop to start the provider ${id}.`,
    means: {
      process:
        'It is a native program, not a component: nothing confines it. It can do everything that you can do on this machine: read and change your files, use the network, start other programs. Permit only what you would install.',
      'http-server':
        'A part of this node that opens ports of this machine (127.0.0.1 only) and hands what comes in there to the components it is linked to.',
      messaging:
        'A part of this node that carries messages between the NATS server and the components it is linked to.',
    },
    other: 'This reference is permitted for another program. What it leads to now has other bytes.',
    says: (name: string) => `It says that it is “${name}”; nobody has checked that.`,
    reference: 'Reference',
    digest: 'Program',
    looking: 'is fetched and looked at, not run…',
    cannot: 'It cannot be permitted:',
    once: 'Permit once',
    always: 'Always permit this program',
    alwaysBuiltin: 'Always permit',
    refuse: 'Refuse',
    later: 'Decide later',
    more: (count: number) => `${count} more ${plural(count, 'asks', 'ask')}`,
  },
  panel: {
    title: 'Permitted providers',
    hint: 'programs that the lattice may start here',
    intro:
      'Which providers the lattice may start on this desktop. Other nodes have their own; nothing of this is sent to them.',
    none: 'None is permitted.',
    asked: 'Asked for now',
    show: 'Show',
    kept: 'Permitted always',
    any: 'part of this node',
    since: (time: string) => `since ${time}`,
    revoke: 'Revoke',
    revokeTitle: (ref: string) => `Revoke the permit of ${ref}?`,
    revokeText: 'What runs from it on this desktop is stopped. Whoever is linked to it gets errors.',
    given: 'Permitted on the command line, for this run',
    refused: 'Refused until the shell connects again',
    askAgain: 'Let it ask again',
  },
}
