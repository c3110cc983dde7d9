import host from 'demo:tally/host@0.1.0'

let alive = 0
class Tally {
  constructor(start) {
    this.n = start
    alive += 1
  }
  add(n) {
    this.n += n
    return this.n
  }
  [Symbol.dispose]() {
    alive -= 1
  }
}
export const tallies = { Tally, make: (start) => new Tally(start), alive: () => alive }
export const askHost = () => host.ask()
