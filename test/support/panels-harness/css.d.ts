// As renderer/panels/styles/css.d.ts: style sheets are imported for their effect. The compile of the tests includes
// only what tests import, so the declaration is repeated here.

declare module '*.css'
