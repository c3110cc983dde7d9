;; Never finishes its instantiation.
(component
  (core module $m
    (func $start (loop $again (br $again)))
    (start $start)
    (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))
