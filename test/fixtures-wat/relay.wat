;; Calls an interface of somebody else and gives on what it says.
(component
  (import "demo:far/numbers@1.2.0" (instance $far
    (export "double" (func (param "n" u32) (result u32)))))
  (core func $double (canon lower (func $far "double")))
  (core module $m
    (import "far" "double" (func $double (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (call $double (call $double (local.get 0)))))
  (core instance $i (instantiate $m (with "far" (instance (export "double" (func $double))))))
  (func $twice (param "n" u32) (result u32) (canon lift (core func $i "twice")))
  (instance $out (export "twice" (func $twice)))
  (export "demo:near/numbers@0.1.0" (instance $out)))
