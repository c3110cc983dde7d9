;; Imports a WASI interface that nothing here offers.
(component
  (import "wasi:blobstore/blobstore@0.2.0-draft" (instance $blobs
    (export "container-exists" (func (param "name" u32) (result bool)))))
  (core func $exists (canon lower (func $blobs "container-exists")))
  (core module $m
    (import "blobs" "exists" (func $exists (param i32) (result i32)))
    (func (export "f") (result i32) (call $exists (i32.const 0))))
  (core instance $i (instantiate $m (with "blobs" (instance (export "exists" (func $exists))))))
  (func (export "f") (result bool) (canon lift (core func $i "f"))))
