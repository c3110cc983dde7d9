;; Imports the same interface twice, in two versions.
(component
  (import "demo:far/numbers@1.2.0" (instance $old
    (export "double" (func (param "n" u32) (result u32)))))
  (import "demo:far/numbers@2.0.0" (instance $new
    (export "double" (func (param "n" u32) (result u32)))))
  (core func $old (canon lower (func $old "double")))
  (core func $new (canon lower (func $new "double")))
  (core module $m
    (import "far" "old" (func $old (param i32) (result i32)))
    (import "far" "new" (func $new (param i32) (result i32)))
    (func (export "both") (param i32) (result i32)
      (i32.add (call $old (local.get 0)) (call $new (local.get 0)))))
  (core instance $i (instantiate $m (with "far" (instance (export "old" (func $old)) (export "new" (func $new))))))
  (func (export "both") (param "n" u32) (result u32) (canon lift (core func $i "both"))))
