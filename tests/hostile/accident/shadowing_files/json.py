raise ImportError('the wrong json')
