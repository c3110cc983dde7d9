// Page of the empty app: draws one lit box once. The second animation frame after drawing is the first on the screen.

import {
  BoxGeometry,
  DirectionalLight,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three'

const canvas = document.querySelector('canvas')
if (canvas === null) throw new Error('no canvas')
const renderer = new WebGLRenderer({ canvas, antialias: true })
renderer.setSize(window.innerWidth, window.innerHeight)
const scene = new Scene()
scene.add(new DirectionalLight(0xffffff, 2), new Mesh(new BoxGeometry(), new MeshStandardMaterial({ color: 0xe6a063 })))
const camera = new PerspectiveCamera(50, window.innerWidth / window.innerHeight)
camera.position.set(1, 1, 3)
camera.lookAt(0, 0, 0)
requestAnimationFrame(() => {
  renderer.render(scene, camera)
  requestAnimationFrame(() => {
    document.title = `first frame ${Date.now()}`
  })
})
