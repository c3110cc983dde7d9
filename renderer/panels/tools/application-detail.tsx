// One application opened: what it is in words, what keeps it so, its versions, its manifest, and its deeds. Undeploying and
// deleting are asked for first and can be taken back as far as wadm allows: what was kept only in memory is gone.

import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { Application } from '../../../preload/applications.js'
import type { Outcome, Shell } from '../../../preload/contract.js'
import { useGround, useTongue } from '../hooks.js'
import { type Said, StatusSign } from './applications-panel.js'
import { CopyButton } from './copy-button.js'
import { useAsked } from './use-asked.js'

export function ApplicationDetail({
  application,
  news,
  onSaid,
  onEdit,
}: {
  readonly application: Application
  /** Asks again when it grows. */
  readonly news: number
  readonly onSaid: (said: Said | undefined) => void
  readonly onEdit: (manifest: string) => void
}): ReactNode {
  const { shell, confirm } = useGround()
  const { words } = useTongue()
  const say = words.tools.apps
  const { name, deployedVersion } = application
  const ask = useCallback(() => shell.call('application.detail', name), [shell, name])
  const { value: detail, failure, refresh } = useAsked(ask, undefined)
  const [isShown, setIsShown] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  useEffect(() => refresh(), [refresh, news])

  const isToldBelow = detail?.status.scalers.some(({ message }) => message === application.status.message) === true

  const run = async (work: () => Promise<Said>): Promise<void> => {
    if (isBusy) return
    setIsBusy(true)
    const said = await work()
    setIsBusy(false)
    onSaid(said)
  }
  const deploy = (version: string | null): void =>
    void run(() => said(shell.call('application.deploy', name, version), () => ({ text: say.deploying(name) })))

  /** Back to what was deployed before. */
  const redeploy = (version: string) => async (): Promise<Said> =>
    await said(shell.call('application.deploy', name, version), () => ({ text: say.undone(name) }))

  const undeploy = (): void =>
    confirm({
      title: say.undeployTitle(name),
      text: say.undeployText,
      yes: say.undeploy,
      deed: () =>
        void run(() =>
          said(shell.call('application.undeploy', name), () => ({
            text: say.undeployed(name),
            undo: deployedVersion === undefined ? undefined : redeploy(deployedVersion),
          })),
        ),
    })

  const remove = (): void =>
    confirm({
      title: say.removeTitle(name),
      text: say.removeText,
      yes: say.remove,
      deed: () => void run(() => removeWithUndo(shell, say, application)),
    })

  return (
    <div className="tool-detail">
      {failure === undefined ? undefined : (
        <p className="bad selectable" role="alert">
          {failure.message}
        </p>
      )}
      {isToldBelow || application.status.message === undefined ? undefined : (
        <p className="selectable">{application.status.message}</p>
      )}
      {detail === undefined || detail.status.scalers.length === 0 ? undefined : (
        <>
          <h3>{say.scalers}</h3>
          <ul className="tool-list">
            {detail.status.scalers.map((scaler) => (
              <li key={scaler.id} className="tool-scaler">
                <span className="clip">{scaler.name}</span>
                <span className="muted clip">{scaler.kind}</span>
                <StatusSign type={scaler.type} />
                {scaler.message === undefined ? undefined : <p className="bad selectable">{scaler.message}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
      {detail === undefined ? undefined : (
        <>
          <h3>{say.versions}</h3>
          <ul className="tool-list">
            {detail.versions.map(({ version, deployed }) => (
              <li key={version} className="tool-version">
                <span className="mono clip">{version}</span>
                <span className="muted">{deployed ? say.status.deployed : ''}</span>
                {deployed ? undefined : (
                  <button type="button" className="link-button" onClick={() => deploy(version)}>
                    {say.deployVersion(version)}
                  </button>
                )}
              </li>
            ))}
          </ul>
          <h3>
            {say.manifest}{' '}
            <button type="button" className="link-button" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
              {isShown ? words.tools.form.hide : say.show}
            </button>{' '}
            <CopyButton text={detail.manifest} />
          </h3>
          {isShown ? <pre className="raw-json">{detail.manifest}</pre> : undefined}
        </>
      )}
      <div className="tool-deeds">
        {deployedVersion === undefined ? (
          <button type="button" className="button primary" aria-disabled={isBusy} onClick={() => deploy(null)}>
            {say.deploy}
          </button>
        ) : (
          <button type="button" className="button" aria-disabled={isBusy} onClick={undeploy}>
            {say.undeploy}
          </button>
        )}
        {detail === undefined ? undefined : (
          <button type="button" className="button" onClick={() => onEdit(detail.manifest)}>
            {say.edit}
          </button>
        )}
        <button type="button" className="button" aria-disabled={isBusy} onClick={remove}>
          {say.remove}
        </button>
      </div>
    </div>
  )
}

/** An outcome as it is said. */
async function said<T>(outcome: Promise<Outcome<T>>, good: (value: T) => Omit<Said, 'tone'>): Promise<Said> {
  const done = await outcome
  return done.ok ? { ...good(done.value), tone: 'good' } : { text: done.failure.message, tone: 'bad' }
}

/** Remembers every version first, so that all of them can be put again. */
async function removeWithUndo(
  shell: Shell,
  say: ReturnType<typeof useTongue>['words']['tools']['apps'],
  { name, deployedVersion }: Application,
): Promise<Said> {
  const kept: string[] = []
  const detail = await shell.call('application.detail', name)
  if (!detail.ok) return { text: detail.failure.message, tone: 'bad' }
  for (const { version } of detail.value.versions) {
    const manifest = await shell.call('application.manifest', name, version)
    if (!manifest.ok) return { text: manifest.failure.message, tone: 'bad' }
    kept.push(manifest.value)
  }
  const undo = async (): Promise<Said> => {
    for (const text of kept) {
      const put = await shell.call('application.put', text)
      if (!put.ok) return { text: put.failure.message, tone: 'bad' }
    }
    if (deployedVersion === undefined) return { text: say.undone(name), tone: 'good' }
    return await said(shell.call('application.deploy', name, deployedVersion), () => ({ text: say.undone(name) }))
  }
  return await said(shell.call('application.delete', name, null), (wasThere) =>
    wasThere ? { text: say.removed(name), undo } : { text: say.nothingRemoved(name) },
  )
}
