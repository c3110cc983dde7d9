// State in a map, objects of classes, closures, a generator that is under way, a WeakMap, a BigInt and the engine's own
// random numbers.
class Node {
  constructor(key) {
    this.key = key
    this.children = []
  }
  total() {
    return this.children.reduce((sum, child) => sum + child.total(), 1)
  }
}
const map = new Map()
const root = new Node('root')
const weak = new WeakMap([[root, 0]])
const big = Symbol('big')
const holder = { [big]: 1n }
const adders = []
let blobs = []
function* fibonacci() {
  let [a, b] = [0, 1]
  for (;;) {
    yield a
    ;[a, b] = [b, (a + b) % 1_000_003]
  }
}
const running = fibonacci()
const operations = {
  put: (key, n) => map.set(key, { n, before: map.get(key)?.n ?? null }).size,
  get: (key) => map.get(key) ?? null,
  remove: (key) => [map.delete(key), [...map.keys()].slice(0, 3)],
  grow: (key, n) => {
    let at = root
    for (let left = n % 7; left > 0 && at.children.length > 0; left -= 1) at = at.children[left % at.children.length]
    at.children.push(new Node(key))
    weak.set(root, weak.get(root) + 1)
    return [root.total(), weak.get(root)]
  },
  add: (_key, n) => {
    let sum = n
    adders.push((by) => (sum += by))
    return adders.map((adder) => adder(1)).slice(-5)
  },
  next: () => running.next().value,
  big: (_key, n) => {
    holder[big] = (holder[big] * BigInt(n + 3)) % (2n ** 521n - 1n)
    return holder[big].toString(36)
  },
  random: () => Math.random(),
  fill: (_key, n) => {
    blobs.push(new Uint8Array(20_000).map((_, i) => (i * n) & 0xff))
    if (blobs.length > 40) blobs = blobs.slice(20)
    return blobs.reduce((sum, blob) => (sum + blob[n % 20_000]) | 0, 0)
  },
}
export const script = { run: (operation, key, n) => JSON.stringify(operations[operation](key, n) ?? null) }
