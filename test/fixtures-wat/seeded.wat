;; Asks its host for a random number when it is started, so that no two fresh instances are the same, and counts.
(component
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (core func $random-u64 (canon lower (func $random "get-random-u64")))
  (core module $m
    (import "host" "random" (func $random (result i64)))
    (memory 1)
    (func $start (i64.store (i32.const 0) (call $random)))
    (start $start)
    (func (export "seed") (result i64) (i64.load (i32.const 0)))
    (func (export "count") (result i32)
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i32.load (i32.const 8))))
  (core instance $i (instantiate $m (with "host" (instance (export "random" (func $random-u64))))))
  (func (export "seed") (result u64) (canon lift (core func $i "seed")))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
