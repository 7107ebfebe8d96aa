// Compressed files as streams of what is in them: gzip and Zstandard, with any number of members or frames.
import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream'
import { constants, createGunzip, createZstdDecompress, type ZstdDecompress } from 'node:zlib'

export type Compression = 'gzip' | 'zstd'

/**
 * What `chunks` decompress to, as it is pulled; `onTaken` is told how many more bytes that took. Broken input throws
 * an error of Node's behind all that came before.
 */
export async function* inflated(
  chunks: AsyncIterable<Buffer>,
  compression: Compression,
  onTaken?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const inflate = compression === 'gzip' ? createGunzip() : new ZstdFrames()
  // errors reach whoever reads, from the loop below
  const stream = pipeline(Readable.from(chunks, { objectMode: false }), inflate, () => undefined)
  let taken = 0
  let changed = Promise.withResolvers<undefined>()
  for (const event of ['readable', 'end', 'error', 'close']) {
    stream.on(event, () => {
      changed.resolve(undefined)
      changed = Promise.withResolvers()
    })
  }
  try {
    for (;;) {
      const next = changed.promise
      // iterating over a stream that broke would drop what it still holds; reading from it does not
      const chunk = stream.read() as Buffer | null
      onTaken?.(inflate.bytesWritten - taken)
      taken = inflate.bytesWritten
      if (chunk) yield chunk
      else if (stream.errored) throw stream.errored
      else if (stream.readableEnded || stream.destroyed) return
      else await next
    }
  } finally {
    stream.destroy()
  }
}

/** Files of the largest window zstd can write ("--long=31") open too; memory is taken only where a file asks for it. */
const options = { params: { [constants.ZSTD_d_windowLogMax]: 31 } }

/** Node's stream ends with the first frame when another follows in the same chunk; pzstd and cat write many. */
class ZstdFrames extends Transform {
  #frame: ZstdDecompress | undefined
  /** Of the frames before. */
  #taken = 0

  /** What zlib's own streams call so: the bytes of input that were taken. */
  get bytesWritten(): number {
    return this.#taken + (this.#frame?.bytesWritten ?? 0)
  }

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    const frame = (this.#frame ??= this.#open())
    const before = frame.bytesWritten
    frame.write(chunk, () => {
      const taken = frame.bytesWritten - before
      if (taken === chunk.length) return done()
      const next = () => {
        this.#taken += frame.bytesWritten
        this.#frame = undefined
        this._transform(chunk.subarray(taken), encoding, done)
      }
      if (frame.readableEnded) next()
      else frame.once('end', next)
    })
  }

  override _flush(done: TransformCallback): void {
    if (!this.#frame) return done()
    this.#frame.once('end', done)
    this.#frame.end()
  }

  override _read(size: number): void {
    this.#frame?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#frame?.destroy()
    done(error)
  }

  #open(): ZstdDecompress {
    const frame = createZstdDecompress(options)
    frame.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) frame.pause()
    })
    frame.on('error', (error) => {
      for (let chunk = frame.read() as Buffer | null; chunk; chunk = frame.read() as Buffer | null) {
        this.push(chunk)
      }
      this.destroy(error)
    })
    return frame
  }
}
