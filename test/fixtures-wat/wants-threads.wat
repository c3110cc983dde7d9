;; Imports a WASI interface that nothing here offers.
(component
  (import "wasi:threads/thread@0.2.0-draft" (instance $threads
    (export "is-running" (func (param "id" u32) (result bool)))))
  (core func $exists (canon lower (func $threads "is-running")))
  (core module $m
    (import "threads" "exists" (func $exists (param i32) (result i32)))
    (func (export "f") (result i32) (call $exists (i32.const 0))))
  (core instance $i (instantiate $m (with "threads" (instance (export "exists" (func $exists))))))
  (func (export "f") (result bool) (canon lift (core func $i "f"))))
