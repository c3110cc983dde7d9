;; Counts its calls, waits for somebody else's answer, or fails: one function each.
(component
  (import "demo:far/numbers@1.2.0" (instance $far
    (export "double" (func (param "n" u32) (result u32)))))
  (core func $double (canon lower (func $far "double")))
  (core module $m
    (import "far" "double" (func $double (param i32) (result i32)))
    (global $calls (mut i32) (i32.const 0))
    (func (export "count") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.get $calls))
    (func (export "ask") (param i32) (result i32) (call $double (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m (with "far" (instance (export "double" (func $double))))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "ask") (param "n" u32) (result u32) (canon lift (core func $i "ask")))
  (func (export "trap") (canon lift (core func $i "trap"))))
