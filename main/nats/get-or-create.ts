// Opening what may not exist yet: the client looks and then creates, in two steps. Two nodes that start at once both
// create, and the server tells the second one that there is something already; then it only has to be looked for again.

const tries = 4
const pauseMs = 100

export async function getOrCreate<T>(open: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open()
    } catch (error) {
      if (attempt === tries) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt))
    }
  }
}
