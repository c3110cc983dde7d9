;; Wants 125 MiB before it does anything.
(component
  (core module $m
    (memory 2000)
    (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))
